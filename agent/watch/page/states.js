// SPDX-License-Identifier: BSD-3-Clause
// The states of a machine: their names, their order, their shapes.

const names = {
	failed: 'Failed',
	silent: 'Silent',
	starting: 'Starting',
	planning: 'Planning',
	partitioning: 'Partitioning',
	checking: 'Checking',
	downloading: 'Downloading',
	flushing: 'Flushing',
	verifying: 'Verifying',
	seeding: 'Seeding',
	finishing: 'Finishing',
	done: 'Done',
};

export const allStates = Object.keys(names);

// What is shown: a machine that is not heard is silent, whatever it said last.
export function stateOf(machine) {
	const state = machine.silent ? 'silent' : machine.state;
	return state in names ? state : 'starting';
}

export function stateName(state) {
	return names[state] ?? names.starting;
}

const svg = 'http://www.w3.org/2000/svg';

export function makeShape(state) {
	const shape = document.createElementNS(svg, 'svg');
	shape.classList.add('shape');
	shape.setAttribute('aria-hidden', 'true');
	shape.append(document.createElementNS(svg, 'use'));
	setShape(shape, state);
	return shape;
}

export function setShape(shape, state) {
	shape.firstChild.setAttribute('href', `#shape-${state}`);
}
