"""What all models of a scenario file have in common."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _as_written(value: Any) -> Any:
    """Give names that look like numbers back as they were written."""
    return getattr(value, "text", value)


Text = Annotated[str, BeforeValidator(_as_written)]
Name = Annotated[Text, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]


class Strict(BaseModel):
    """Unknown keys are errors; keys are written with dashes."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        alias_generator=lambda name: name.replace("_", "-"),
    )
