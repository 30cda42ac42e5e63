"""Ends a process when ours is gone, however it went: nothing that was started may stay behind."""

import subprocess


class Keeper:
    """Watches over one child process until it is let go.

    It reads from a pipe that is closed when our process ends. Linux's signal for the death of a parent would come when
    the *thread* ends that started the child, which is often one of an event loop's executor; and it is Linux's alone.
    """

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - words of our own
            ["/bin/sh", "-c", f"read -r _; kill -KILL {child.pid}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def let_go(self) -> None:
        """The child has ended, or may outlive us."""
        self._process.kill()
        self._process.communicate()
