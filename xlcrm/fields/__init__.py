"""Values are judged one kind at a time here, so that tables, imports and lists agree on what an e-mail or a date is.

One module per kind of value, all of one shape:

    compact(value) -> str                   as typed, without spaces and signs that mean nothing
    validate(value, country="") -> value    the canonical value, or FieldError (a ValueError) that says what is wrong
    is_valid(value, country="") -> bool     never raises, whatever it is given
    format(value, country="") -> str        as people of that country write it; what is not valid comes back as typed

`country` is an ISO 3166 code of two letters; "" where it is unknown. Blank values are not valid: ask before validating.
"""
