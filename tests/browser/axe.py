"""axe-core over the pages of the lab: what it finds, and which of it is Streamlit's to mend."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from tests.browser.controls import ON_A_TELEPHONE, SMALLEST_TARGET
from tests.browser.visitor import Visitor

SCRIPT: Final = Path(__file__).parents[1] / "data" / "axe" / "axe.min.js"
THEMES: Final = ("light", "dark")
WIDTHS: Final = {1280: 900, 390: 844}
TELEPHONE: Final = 390
GRAVE: Final = ("moderate", "serious", "critical")
ABOUT_COLOUR: Final = ("color-contrast", "link-in-text-block")

# What a page shows only after a choice: segments, pressed one after another. What every page has
# (the work, what folds, popovers, experiments, a telephone's menu) needs no naming here.
VIEWS: Final[dict[str, tuple[str, ...]]] = {
    "pages/scaled_dot_product.py": ("Painted", "Geometry", "Softmax without the maximum"),
    "pages/soft_vs_hard.py": ("Gradients", "Training"),
    "pages/self_vs_cross.py": (
        *("Trained models", "Encoder: self", "Causal self", "Self", "Decoder layer"),
    ),
    "pages/multi_head.py": (
        *("72 trained heads", "Word before", "Queries"),
        *("8", "Output", "Cache", "Counts", "Keys"),
    ),
    "pages/positional_encoding.py": (
        *("Similarity", "None", "Learned", "A trained table", "A trained grid", "Rotary"),
        *("Score by distance", "ALiBi", "T5 bias"),
    ),
    "pages/vision_transformer.py": (
        *("Rollout", "Patch features", "Saliency", "Explained", "Heads, ranked"),
        "Upload",
    ),
    "pages/image_classification.py": (
        *("Heads", "Which patches decided?", "Heads, ranked", "Weights it learned", "Layer 1"),
        *("Train it", "Your classes", "Name it", "ImageNet"),
    ),
    "pages/translation.py": (
        *("Encoder self", "One head", "Word by word", "Tired or wide", "Beam search"),
        *("Against a GRU", "Menus", "Your own"),
    ),
    "pages/text_classification.py": ("Roles", "Find a head", "Classify", "Mask a word"),
    "pages/transformer.py": (
        *("Text encoder", "Vision Transformer", "Digits", "Small GPT", "Translator"),
        *("Residual stream", "Same and different", "Sizes"),
    ),
    "pages/gpt.py": (
        *("Hides it", "Who reads whom", "The cache", "Encoder or decoder", "Induction heads"),
    ),
}

WORK: Final = ("NumPy", "The code that ran")


@dataclass(frozen=True)
class Exclusion:
    """What Streamlit draws and we cannot mend.

    Attributes
    ----------
    rule : str
        The rule's name in axe-core.
    selector : str
        The elements, or what they lie in.
    reason : str
        Why it is not ours.
    """

    rule: str
    selector: str
    reason: str


STREAMLITS: Final = (
    Exclusion(
        "scrollable-region-focusable",
        "[data-testid=stCode]",
        "a code box takes the focus outside and scrolls inside; browsers make that a stop too",
    ),
    Exclusion(
        "presentation-role-conflict",
        "[data-testid=stFileUploader]",
        "the place to drop a file has a name and the role of decoration; its button works",
    ),
)


@dataclass(frozen=True)
class Finding:
    """One element that breaks one rule.

    Attributes
    ----------
    file, view, theme, width
        Where: the page's script, what was opened or pressed there, and on what screen.
    rule, impact, why : str
        The rule's name, how much it matters (minor to critical), and what is wrong.
    html : str
        The element's beginning.
    exclusion : int
        Index in `STREAMLITS`, -1 for what is ours.
    """

    file: str
    view: str
    theme: str
    width: int
    rule: str
    impact: str
    why: str
    html: str
    exclusion: int

    @property
    def is_ours_and_grave(self) -> bool:
        """Whether this has to be mended here."""
        return self.exclusion < 0 and self.impact in GRAVE


def audit(visitor: Visitor, file: str, themes: Sequence[str] = THEMES) -> list[Finding]:
    """Run axe-core over an open page in all of its views, light and dark.

    The dark theme changes colours alone, so only the rules about colours are run on it. A
    telephone changes how much room there is: what a segment shows there is only measured, because
    axe-core, which takes its time, was run on the same elements on the wide screen.
    """
    findings = []
    order = list(themes)
    for view in _views(visitor, file):
        if _is_telephone(visitor) and view in VIEWS.get(file, ()):
            findings += _measure(visitor, file, view)
            continue
        for theme in order:
            wear(visitor, theme)
            rules = ABOUT_COLOUR if theme == "dark" else ()
            findings += run_axe(visitor, file, view, theme, rules)
        order.reverse()  # begin with what is worn
    return findings


def run_axe(
    visitor: Visitor, file: str, view: str = "", theme: str = "light", rules: tuple[str, ...] = ()
) -> list[Finding]:
    """Run axe-core, or these of its rules, over what the page shows, shadow roots included."""
    if not visitor.page.evaluate("'axe' in window"):
        visitor.page.evaluate(SCRIPT.read_text("utf-8"))
    viewport = visitor.page.viewport_size or {"width": 0}
    exclusions = [asdict(exclusion) for exclusion in STREAMLITS]
    return [
        Finding(file, view, theme, viewport["width"], **found)
        for found in visitor.page.evaluate(_RUN, [exclusions, list(rules)])
    ]


def _measure(visitor: Visitor, file: str, view: str) -> list[Finding]:
    """Return what a finger does not hit and what no key scrolls, as axe-core would call it."""
    seen = visitor.page.evaluate(ON_A_TELEPHONE, SMALLEST_TARGET)
    # A picture that is read with arrow keys has nothing beside it that a finger could hit instead.
    small = [html for html in seen["small"] if 'role="application"' not in html]
    return [
        Finding(file, view, "light", TELEPHONE, rule, "serious", why, html, -1)
        for rule, why, found in (
            ("target-size", f"less than {SMALLEST_TARGET} pixels", small),
            ("scrollable-region-focusable", "scrolls and is no stop", seen["stuck"]),
        )
        for html in found
    ]


def _is_telephone(visitor: Visitor) -> bool:
    size = visitor.page.viewport_size
    return size is not None and size["width"] == TELEPHONE


def _views(visitor: Visitor, file: str) -> Iterator[str]:
    """Put the page into each of its views, and say which it is."""
    page = visitor.page
    yield "as it opens"
    for segment in VIEWS.get(file, ()):
        visitor.press_segment(segment)
        visitor.settle()
        yield segment
    for segment in () if _is_telephone(visitor) else WORK:
        if page.get_by_role("radio", name=segment, exact=True).count():
            visitor.press_segment(segment)
            visitor.settle()
            yield segment
    yield from _opened(visitor)
    yield from _experiment(visitor)
    if _is_telephone(visitor):
        page.get_by_test_id("stExpandSidebarButton").click()
        page.get_by_test_id("stSidebar").get_by_role("link").first.wait_for()
        yield "menu"


def _opened(visitor: Visitor) -> Iterator[str]:
    """Unfold everything that folds, then one popover after the other."""
    page = visitor.page
    ours = page.locator("[data-testid=stMain] details:not([data-testid=stExpander] *)")
    streamlits = page.locator("[data-testid=stExpander] details:not([open]) > summary")
    if ours.count() or streamlits.count():
        ours.evaluate_all("folds => folds.forEach(fold => { fold.open = true; })")
        while streamlits.count():
            streamlits.first.click()
            visitor.settle()
        visitor.settle()
        yield "unfolded"
        ours.evaluate_all("folds => folds.forEach(fold => { fold.open = false; })")
    popovers = page.locator("[data-testid=stMain] [data-testid=stPopover] button")
    for place in range(popovers.count()):
        popovers.nth(place).click()
        body = page.get_by_test_id("stPopoverBody")
        body.wait_for()
        visitor.settle()
        yield f"popover {place + 1}"
        page.keyboard.press("Escape")
        body.wait_for(state="hidden")


def _experiment(visitor: Visitor) -> Iterator[str]:
    """Open the first experiment, then its answer."""
    experiments = visitor.page.locator(".lesson .list button")
    if not experiments.count():
        return
    experiments.first.click()
    visitor.settle()
    visitor.rest()  # what is under the card while the page scrolls is under it for a moment only
    yield "experiment"
    visitor.page.locator(".lesson .show").click()
    visitor.page.locator(".lesson .verdict").wait_for()
    visitor.settle()
    visitor.rest()
    yield "answer"


def wear(visitor: Visitor, theme: str) -> None:
    """Turn the reader's system light or dark, and wait until the page has followed."""
    visitor.page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    visitor.page.wait_for_function(_IS_WORN, arg=theme)
    visitor.settle()


_IS_WORN: Final = """theme => {
    const app = document.querySelector("[data-testid=stApp]");
    const [red] = getComputedStyle(app).backgroundColor.match(/\\d+/g).map(Number);
    return (red < 128) === (theme === "dark");
}"""
_RUN: Final = """async ([exclusions, rules]) => {
    const found = await axe.run(document, {
        resultTypes: ["violations"], elementRef: true, rules: {"target-size": {enabled: true}},
        ...(rules.length && {runOnly: {type: "rule", values: rules}}),
    });
    const lies = (element, selector) => {
        for (let at = element; at; at = at.getRootNode().host)
            if (at.closest(selector)) return true;
        return false;
    };
    const which = (rule, element) => exclusions.findIndex(
        (exclusion) => exclusion.rule === rule && lies(element, exclusion.selector));
    return found.violations.flatMap((rule) => rule.nodes.map((node) => ({
        rule: rule.id,
        impact: node.impact ?? rule.impact ?? "minor",
        why: [...node.any, ...node.all, ...node.none][0]?.message ?? rule.help,
        html: node.html.slice(0, 160),
        exclusion: which(rule.id, node.element),
    })));
}"""
