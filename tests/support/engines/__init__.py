"""Engines that let the real xlwings work without Excel: its front end runs unchanged over what they offer."""
