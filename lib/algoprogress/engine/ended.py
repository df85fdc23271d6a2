"""How a command ends: in plain words with a status, whatever happens, and with no workers left behind."""

import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable

BAD_INPUT = 2
SIGNALLED = 128  # and the number of the signal, as shells count
REFUSALS = {"DataError", "LawError", "RunsError", "SchedulerError", "OSError"}  # by name: most are slow to import


class Stopped(BaseException):
    """The process was asked to end (SIGTERM)."""


def ended(run: Callable[[], int]) -> int:
    """Return the exit status of some work, which ends in plain words and leaves no workers behind, however it ends.

    2 for what is refused; 130, 143 and 141 where it is interrupted, stopped, or its output is wanted no more.
    """
    status, said, before = 0, "", signal.getsignal(signal.SIGTERM)
    try:
        if threading.current_thread() is threading.main_thread():  # which alone hears signals
            signal.signal(signal.SIGTERM, _stop)
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")  # for a terminal without the signs that are printed
        with warnings.catch_warnings():
            if os.environ.pop("PYTHONWARNINGS", ""):  # which is for programmers, also those of our workers
                warnings.simplefilter("ignore")
                warnings.simplefilter("default", UserWarning)
            warnings.showwarning = lambda message, *_: print(f"note: {message}", file=sys.stderr)
            status = run()
        sys.stdout.flush()
    except KeyboardInterrupt:
        status, said = SIGNALLED + signal.SIGINT, "interrupted; what was finished is kept"
    except Stopped:
        status, said = SIGNALLED + signal.SIGTERM, "stopped; what was finished is kept"
    except BrokenPipeError:
        status = SIGNALLED + signal.SIGPIPE
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes it once more at the end
    except Exception as error:
        if not REFUSALS & {each.__name__ for each in type(error).__mro__}:
            raise
        status, said = BAD_INPUT, _reason(error)
    finally:
        if status:
            _end_workers()
        if signal.getsignal(signal.SIGTERM) is _stop:
            signal.signal(signal.SIGTERM, before)
    if said:
        print(said, file=sys.stderr)
    return status


def _stop(number: int, frame: object) -> None:
    raise Stopped


def _reason(error: Exception) -> str:
    """Return what went wrong; of the system's errors their words and the file, without numbers."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)


def _end_workers() -> None:
    """End the processes that work for this one, if there are any."""
    loky = sys.modules.get("joblib.externals.loky.reusable_executor")
    if loky is not None and loky._executor is not None:
        loky._executor.shutdown(wait=True, kill_workers=True)
