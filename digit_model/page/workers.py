"""Threads that read pictures, each reading for a limited time."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from digit_model.errors import DigitModelError
from digit_model.limits import LINE_BYTES, LINE_SECONDS, READ_SECONDS, WAITING

Result = TypeVar("Result")


class BusyError(DigitModelError):
    """A reading that cannot be had now; its text says what to do."""


class Workers:
    """A line of readings, and the threads that take them from it.

    The threads are daemons: one that hangs in a decoder does not keep the app from ending.

    Args:
        threads: how many there are.

    Attributes:
        pending: how many readings wait or run, and are not given up.
    """

    def __init__(self, threads: int) -> None:
        self.pending = 0
        self._threads = threads
        self._line: SimpleQueue[tuple[Future[Any], Callable[[], object], Callable[[], Any]]]
        self._line = SimpleQueue()
        self._waiting = self._bytes = self._overdue = 0
        for _ in range(threads):
            Thread(target=self._work, daemon=True, name="reader").start()

    @property
    def stopped(self) -> bool:
        """Whether every thread is with a reading that was given up."""
        return self._overdue >= self._threads

    async def run(self, call: Callable[[], Result], size: int = 0) -> Result:
        """Wait in line, call a function in a thread, and return what it returns.

        Args:
            call: the function; what it raises is raised here.
            size: bytes of memory that it holds while it waits.

        Raises:
            BusyError: if the line is full, or the call takes too long.
        """
        if self.stopped:
            raise BusyError("Expected to read the picture. Readings have stopped. Try again later.")
        if self._waiting >= WAITING or self._bytes + size > LINE_BYTES:
            raise BusyError("The page is busy: too many pictures wait. Try again in a moment.")
        self.pending += 1
        self._bytes += size
        try:
            job = await self._begin(call)
            try:
                return await asyncio.wait_for(asyncio.wrap_future(job), READ_SECONDS)
            except TimeoutError as error:
                self._overdue += 1
                loop = asyncio.get_running_loop()
                job.add_done_callback(lambda _: loop.call_soon_threadsafe(self._return_thread))
                raise BusyError(
                    f"Expected a picture that is read within {READ_SECONDS:.0f} seconds. This one "
                    "takes longer. Send a smaller or simpler one."
                ) from error
        finally:
            self.pending -= 1
            self._bytes -= size

    async def _begin(self, call: Callable[[], Result]) -> "Future[Result]":
        """Wait until a thread has begun with a call."""
        job: Future[Result] = Future()
        loop, begun = asyncio.get_running_loop(), asyncio.Event()
        self._waiting += 1
        self._line.put((job, lambda: loop.call_soon_threadsafe(begun.set), call))
        try:
            await asyncio.wait_for(begun.wait(), LINE_SECONDS)
        except TimeoutError as error:
            job.cancel()
            raise BusyError("The page is busy: no reader was free. Try again later.") from error
        finally:
            self._waiting -= 1
        return job

    def _return_thread(self) -> None:
        self._overdue -= 1

    def _work(self) -> None:
        while True:
            job, begin, call = self._line.get()
            if not job.set_running_or_notify_cancel():
                continue
            begin()
            try:
                job.set_result(call())
            except BaseException as error:  # Whoever waits for it raises it again.
                job.set_exception(error)
            del job, begin, call  # Or a picture would stay in memory until the next one.
