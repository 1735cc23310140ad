"""Salutations of letters and e-mails in six languages, and the households that get one letter together."""

from xlcrm.salutations.addressee import Addressee
from xlcrm.salutations.salutation import joint_name, salute

__all__ = ["Addressee", "joint_name", "salute"]
