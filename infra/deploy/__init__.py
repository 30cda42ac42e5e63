"""What an installation stands on where nobody provides it: for tests, the demo and benchmarks, not for a real site."""
