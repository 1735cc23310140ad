"""Many lists have quantity and price but no amount, and every metric counts amounts."""

from __future__ import annotations

from typing import Any

import pandas as pd


def with_amount(frame: pd.DataFrame, discount: pd.Series[Any] | None, header: str = "") -> tuple[pd.DataFrame, int]:
    """The lines with `amount` = quantity x unit_price x (1 - discount) where it is blank, and how many stay unclear.

    Rounded to two decimals, halves to the even cent, so that long sums do not drift. `discount` is a share (0.1), or a
    percentage where `header` says so ("Rabatt %") and the cells are 1 or more. Without that sign, a discount above 1
    may be money or a percentage: such lines get no amount and are counted. Lines whose quantity or price is no number
    are left as they are.
    """
    if not {"quantity", "unit_price"} <= set(frame.columns):
        return frame, 0
    quantity, price = (pd.to_numeric(frame[c], errors="coerce") for c in ("quantity", "unit_price"))
    factor, unclear = _factor(frame, discount, header)
    amount = (quantity * price * factor).round(2).mask(unclear)
    if "amount" in frame:
        blank = frame["amount"].isna() | (frame["amount"].astype("str").str.strip() == "")
        if not blank.any():
            return frame, 0
        amount = frame["amount"].where(~blank, amount)
        unclear &= blank
    return frame.assign(amount=amount), int(unclear.sum())


def _factor(frame: pd.DataFrame, discount: pd.Series[Any] | None, header: str) -> tuple[pd.Series[Any], pd.Series[Any]]:
    none = pd.Series(False, index=frame.index)
    if discount is None:
        return pd.Series(1.0, index=frame.index), none
    typed = discount.notna() & (discount.astype("str").str.strip() != "")
    share = pd.to_numeric(discount, errors="coerce")
    strange = typed & share.isna()
    share = share.fillna(0.0).abs()
    if share.max() > 1 or ("%" in header and share.max() > 0 and share[share > 0].min() >= 1):
        if "%" not in header:
            return (1 - share.where(share <= 1, 0.0)), strange | (share > 1)
        share = share / 100
    return 1 - share, strange | (share > 1)
