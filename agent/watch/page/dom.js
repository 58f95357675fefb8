// SPDX-License-Identifier: BSD-3-Clause
// Elements made in one way: what came from the network becomes text and nothing else.

// make('p', {class: 'note', text: 'hello'}, child, ...)
export function make(tag, attributes = {}, ...children) {
	const element = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes)) {
		if (name === 'text') {
			element.textContent = value;
		} else {
			element.setAttribute(name, value);
		}
	}
	element.append(...children.filter((child) => child !== null));
	return element;
}

// Writes only what is new, so that nothing is laid out or read out again in vain.
export function setText(element, text) {
	if (element.textContent !== text) {
		element.textContent = text;
	}
}

export function setAttribute(element, name, value) {
	if (element.getAttribute(name) !== value) {
		element.setAttribute(name, value);
	}
}

// The children of `parent` become these, in this order. What stays is not moved, and keeps the focus.
export function arrange(parent, children) {
	const focused = document.activeElement;
	let at = parent.firstChild;
	for (const child of children) {
		if (child === at) {
			at = at.nextSibling;
		} else {
			parent.insertBefore(child, at);
		}
	}
	while (at) {
		const next = at.nextSibling;
		at.remove();
		at = next;
	}
	if (focused !== document.activeElement && parent.contains(focused)) {
		focused.focus({preventScroll: true});
	}
}
