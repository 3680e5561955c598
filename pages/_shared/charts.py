"""What every chart of Altair needs: a spec is built once, and each rerun swaps only its data."""

from __future__ import annotations

from typing import Any

import altair as alt

Spec = dict[str, Any]


def without_data(chart: alt.TopLevelMixin) -> Spec:
    """Return the chart as a dict that reads whatever data it is drawn with.

    Drawing swaps the data, so a spec is built and checked only once.
    """
    spec: Spec = _drop_data(chart.to_dict(validate=True))
    return spec


def _drop_data(part: Any) -> Any:
    if isinstance(part, dict):
        return {
            name: _drop_data(inner)
            for name, inner in part.items()
            if name not in ("data", "datasets")
        }
    return [_drop_data(inner) for inner in part] if isinstance(part, list) else part
