"""Three people over a simulated week"""
