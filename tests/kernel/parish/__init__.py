"""An invented parish, to try the kernel on: `hall` is booked, and the sexton hears of it and sweeps."""
