"""What the lab itself draws on a page, and whether a finger finds its way there."""

from __future__ import annotations

from typing import Final

SMALLEST_TARGET: Final = 24  # CSS pixels; WCAG 2.2, section 2.5.8

# What the lab draws itself lies in components, most of them behind a shadow root.
OURS: Final = """
    const hosts = [...document.querySelectorAll("[data-testid^=stBidiComponent]")];
    const roots = hosts.map(host => host.shadowRoot ?? host);
    const shown = node => node.checkVisibility({visibilityProperty: true});
    const ours = [...new Set(roots.flatMap(root => [...root.querySelectorAll("*")]))].filter(shown);
    const CONTROL = "button, input, select, textarea, a[href], summary, [tabindex]";
    const controls = ours.filter(node => node.matches(CONTROL) && !node.disabled);
    const start = node => node.outerHTML.slice(0, 160);
"""
ON_A_TELEPHONE: Final = f"""smallest => {{ {OURS}
    // A label is hit as well as what it names, and a link may be spread over its card.
    const target = node => {{
        const over = getComputedStyle(node, "::after");
        const spread = over.content !== "none" && over.position === "absolute";
        return node.closest("label") ?? (spread ? node.offsetParent : node);
    }};
    // Not asked for: links within a sentence; cells of more than ten columns, where few fit.
    const alone = node => getComputedStyle(node).display !== "inline"
        || ![...node.parentElement.childNodes].some(
            child => child.nodeType === Node.TEXT_NODE && child.textContent.trim());
    const asked = controls.filter(node => !node.closest(".compact") && alone(node));
    const targets = asked.map(target);
    const small = targets.filter(node => {{
        const {{width, height}} = node.getBoundingClientRect();
        return Math.min(width, height) < smallest - 0.01;
    }});
    // What only a screen reader is to find is clipped away.
    const unseen = node => getComputedStyle(node).clipPath === "inset(50%)";
    const clips = node => getComputedStyle(node).overflowX !== "visible";
    const cut = ours.filter(node => !unseen(node) && (
        node.getBoundingClientRect().right > innerWidth + 1
        || (clips(node) && node.scrollWidth > node.clientWidth + 1)
    ));
    // What scrolls sideways has to be a stop, or to have one in it.
    const scrolls = node => /auto|scroll/.test(getComputedStyle(node).overflowX)
        && node.scrollWidth > node.clientWidth + 1;
    const stuck = ours.filter(
        node => scrolls(node) && !node.matches(CONTROL) && !node.querySelector(CONTROL));
    return {{targets: targets.length, small: small.map(start), cut: cut.map(start),
             stuck: stuck.map(start)}};
}}"""
