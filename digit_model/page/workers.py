"""Threads that read pictures, with a time limit on each reading."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from digit_model.errors import DigitModelError
from digit_model.limits import MAX_QUEUE_BYTES, MAX_QUEUE_SECONDS, MAX_READ_SECONDS, MAX_WAITING

Result = TypeVar("Result")


class BusyError(DigitModelError):
    """A reading that is refused or takes too long; the message says what to do."""


class Workers:
    """A queue of readings, and the threads that work on it.

    The threads are daemons: one that hangs does not keep the app from ending.

    Args:
        threads: number of threads.

    Attributes:
        pending: number of readings that wait or run, without those that timed out.
    """

    def __init__(self, threads: int) -> None:
        self.pending = 0
        self._threads = threads
        self._jobs: SimpleQueue[tuple[Future[Any], Callable[[], object], Callable[[], Any]]]
        self._jobs = SimpleQueue()
        self._waiting = self._bytes = self._overdue = 0
        for _ in range(threads):
            Thread(target=self._work, daemon=True, name="reader").start()

    @property
    def stopped(self) -> bool:
        """Whether every thread still runs a reading that timed out."""
        return self._overdue >= self._threads

    async def run(self, call: Callable[[], Result], size: int = 0) -> Result:
        """Wait in the queue, call a function in a thread, and return its result.

        Args:
            call: the function; its errors are raised here.
            size: bytes of memory that it holds while it waits.

        Raises:
            BusyError: if the queue is full, or the call takes too long.
        """
        if self.stopped:
            raise BusyError("Expected to read the picture. Readings have stopped. Try again later.")
        if self._waiting >= MAX_WAITING or self._bytes + size > MAX_QUEUE_BYTES:
            raise BusyError("The page is busy: too many pictures wait. Try again in a moment.")
        self.pending += 1
        self._bytes += size
        try:
            job = await self._start(call)
            try:
                return await asyncio.wait_for(asyncio.wrap_future(job), MAX_READ_SECONDS)
            except TimeoutError as error:
                self._overdue += 1
                loop = asyncio.get_running_loop()
                job.add_done_callback(lambda _: loop.call_soon_threadsafe(self._return_thread))
                raise BusyError(
                    f"Expected a picture that is read within {MAX_READ_SECONDS:.0f} seconds. This "
                    "one takes longer. Send a smaller or simpler one."
                ) from error
        finally:
            self.pending -= 1
            self._bytes -= size

    async def _start(self, call: Callable[[], Result]) -> "Future[Result]":
        """Wait until a thread has started a call."""
        job: Future[Result] = Future()
        loop, started = asyncio.get_running_loop(), asyncio.Event()
        self._waiting += 1
        self._jobs.put((job, lambda: loop.call_soon_threadsafe(started.set), call))
        try:
            await asyncio.wait_for(started.wait(), MAX_QUEUE_SECONDS)
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
            job, report_start, call = self._jobs.get()
            if not job.set_running_or_notify_cancel():
                continue
            report_start()
            try:
                job.set_result(call())
            except BaseException as error:  # The waiting coroutine raises it again.
                job.set_exception(error)
            del job, report_start, call  # Else the picture stays in memory until the next one.
