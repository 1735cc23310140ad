"""Merging of clients that are one (deduplication's second half), and what is remembered of it afterwards.

`plan` is the operation of `xlcrm merge`. `resolve`, `former_clients` and `known_as` say which client a former number,
or an e-mail and name of before, belongs to now; `decided` which clients somebody said are two.
"""
