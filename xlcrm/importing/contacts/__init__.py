"""Contact lists of firms: who of a row goes to Clients and who to People, and whether anybody has to be asked first.

A list of a CRM has a row a contact, with the firm beside it: two contacts of one firm are one client and two people. An
address book has an employer beside some of its people, and they are clients themselves. Telling the two apart, and
asking where nobody can, is what this package does.
"""
