"""The delivery protocol, rule by rule: each test fails when its rule is taken out of the kernel."""
