"""What went wrong at an S3 server: takes the client's error, gives one of Ladle's, in words and with what to do.

The client's own words are not passed on, nor is its error: they may hold an access key.
"""

from __future__ import annotations

import re

from ladle.errors import LadleError, SettingError, Unreachable
from ladle.storage.settings import Bucket

_CODE = re.compile(r"<Code>([A-Za-z]{1,60})</Code>")
_STATUS = re.compile(r"status code: ([0-9]{3})")
_KEYS = "Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
_ENDPOINT = "Check AWS_ENDPOINT_URL_S3, or wait until the server is back."


def is_absent(error: Exception) -> bool:
    """Whether a server says that there is no such object, and nothing worse."""
    return isinstance(error, FileNotFoundError) and _code(error) == "NoSuchKey"


def told(error: Exception, bucket: Bucket) -> LadleError:
    """The error in Ladle's words."""
    code, status = _code(error), _STATUS.search(str(error))
    where = bucket.where[0].upper() + bucket.where[1:]
    if code == "NoSuchBucket":
        hint = "Check LADLE_HOME, or make the bucket; Ladle makes none."
        return SettingError(f'There is no bucket "{bucket.name}" at {bucket.where}.', hint=hint)
    if code in ("InvalidAccessKeyId", "SignatureDoesNotMatch"):
        return SettingError(f"{where} refuses the keys: {code}.", hint=_KEYS)
    if code == "AccessDenied" or (status and status[1] in ("401", "403")):
        hint = "They must be allowed to get, put, delete and list objects there."
        return SettingError(f"{where} doesn't let these keys into {bucket.address}.", hint=hint)
    if code in ("PermanentRedirect", "AuthorizationHeaderMalformed"):
        return SettingError(
            f'The bucket "{bucket.name}" is not in {bucket.region}.', hint="Set AWS_REGION to its region."
        )
    if isinstance(error, FileNotFoundError):
        return SettingError(f"{where} answers as no S3 server does.", hint="Check AWS_ENDPOINT_URL_S3.")
    if status is not None:
        return Unreachable(f"{where} answers with {status[1]}{f', {code}' if code else ''}.", hint=_ENDPOINT)
    return Unreachable(f"{where} can't be reached.", hint=_ENDPOINT)


def _code(error: Exception) -> str:
    found = _CODE.search(str(error))
    return found[1] if found else ""
