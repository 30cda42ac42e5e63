"""How fast the journal is: figures beside a bare loop in the same run, for `cordon bench`.

The small service measured here is nobody's: two deciders, a reaction and a read model of the ordinary kind.
"""
