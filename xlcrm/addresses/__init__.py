"""Addresses typed into one cell, split into fields as six languages write them, and put together again for a label."""

from __future__ import annotations

from xlcrm.addresses.address import Address
from xlcrm.addresses.compose_address import compose_address
from xlcrm.addresses.countries import country_code
from xlcrm.addresses.regions import postal_code_fits
from xlcrm.addresses.split import split_address, split_addresses

__all__ = ["Address", "compose_address", "country_code", "postal_code_fits", "split_address", "split_addresses"]
