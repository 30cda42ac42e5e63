"""The Kafka bus: a relay that keeps no state, readers that check what is brought, and topics that lose nothing."""
