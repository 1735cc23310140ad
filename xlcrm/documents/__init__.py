"""Documents from the offer to the paid invoice: their money, their words, what is open, and reminders."""
