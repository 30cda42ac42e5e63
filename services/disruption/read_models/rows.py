"""What the read models of disruption have in common: how a row begins, and how many are shown at once."""

from typing import Final

from sqlalchemy import Insert, MetaData, Table, bindparam, exists, insert, select

metadata: Final = MetaData()

PAGE_MAX: Final = 200


def unless_there(table: Table, key: str, *others: str) -> Insert:
    """Insert a row unless one of this key is there, of whatever event comes first. Parameters: `new_<column>`."""
    names = (key, *others)
    values = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in names}
    is_there = exists().where(table.c[key] == values[key])
    return insert(table).from_select(list(names), select(*values.values()).where(~is_there))
