"""What can be said and asked, described in the three forms that other people's tools read."""
