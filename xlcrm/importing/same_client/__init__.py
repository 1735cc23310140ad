"""The same client: each row of a list is somebody who is there, a repetition of an earlier row, or somebody new.

Exact keys come first (client_id, e-mail, tax number, name and place); what they leave open is asked of the engine that
finds doubles in the workbook, so that an import and `xlcrm doubles` never disagree.
"""
