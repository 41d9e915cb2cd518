"""The ZIP of an evidence, made while it is handed out: one file in memory at a time."""

import zipfile
from collections.abc import Iterator

from django.utils import timezone

from clearing.models import Evidence, EvidenceFile


class _Out:
    """A file that cannot be gone back in: what was written is taken away piece by piece."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing waits anywhere else."""

    def taken(self) -> bytes:
        found = b"".join(self._pieces)
        self._pieces.clear()
        return found


def pieces(evidence: Evidence) -> Iterator[bytes]:
    """The ZIP in pieces: index first, links, documents. The same bytes every time."""
    out = _Out()
    at = timezone.localtime(evidence.finished_at or evidence.asked_at).timetuple()[:6]
    made = evidence.files.exclude(name="").order_by("-position").values_list("pk", flat=True)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:  # type: ignore[call-overload]
        for pk in list(made):
            file = EvidenceFile.objects.filter(pk=pk).first()
            if file is None or file.content is None:
                raise OSError("The files of this evidence were deleted while it was handed out.")
            entry = zipfile.ZipInfo(f"evidence-{evidence.pk}/{file.name}", at)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            packed.writestr(entry, bytes(file.content))
            yield out.taken()
    yield out.taken()
