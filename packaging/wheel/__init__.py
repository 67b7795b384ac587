"""Kith, a customer data platform: the program that this package carries."""
