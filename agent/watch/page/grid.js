// SPDX-License-Identifier: BSD-3-Clause
// The room as a grid: a tile for each machine, with the colour and the shape of its state.
//
// It is a list of buttons, of which one is in the tab order; the arrow keys move between them.
import {arrange, make, setAttribute, setText} from './dom.js';
import {duration, percent, rate, shortDuration} from './format.js';
import {commonPrefix, nameOf, shortName} from './room.js';
import {makeShape, setShape, stateName, stateOf} from './states.js';

// The end of a name tells machines apart, so the middle gives way.
const tailLength = 5;

// Sizes of tiles with their gaps, in pixels of text of 14: the largest with which all machines are seen at once is
// taken. The last one is a tile's shape alone.
const sizes = {roomy: [156, 42], plain: [132, 34], dense: [112, 31], bare: [92, 28], mosaic: [29, 29]};
const namesUpTo = 400; // machines; of more, shapes are shown rather than names that have to be scrolled for

function chooseSize(list, count) {
	const scale = parseFloat(getComputedStyle(list).fontSize) / 14;
	const high = innerHeight - list.getBoundingClientRect().top - scrollY - 16;
	const fits = ([wide, tall]) => {
		const columns = Math.max(1, Math.floor(list.clientWidth / (wide * scale)));
		return Math.ceil(count / columns) * tall * scale <= high;
	};
	const found = Object.keys(sizes).find((name) => name !== 'mosaic' && fits(sizes[name]));
	return found ?? (count > namesUpTo ? 'mosaic' : 'dense');
}

function describe(machine, time) {
	const state = stateOf(machine);
	const parts = [nameOf(machine), stateName(state).toLowerCase()];
	if (state === 'silent') {
		parts.push(`last heard ${duration((time - machine.seen) / 1000)} ago, ${stateName(machine.state).toLowerCase()}`);
	}
	if (machine.percent !== undefined && state !== 'done') {
		parts.push(percent(machine.percent));
	}
	if (state === 'downloading') {
		parts.push(rate(machine.down));
	}
	if (machine.error) {
		parts.push(machine.error.text);
	} else if (machine.note) {
		parts.push(machine.note);
	}
	return parts.join(', ');
}

function figure(machine, state, time) {
	if (state === 'silent') {
		return shortDuration((time - machine.seen) / 1000);
	}
	return state === 'done' || state === 'failed' || machine.percent === undefined ? '' : percent(machine.percent);
}

export class Grid {
	#tiles = new Map();
	#prefix = '';
	#current = null; // id of the tile in the tab order
	#isChosen = false; // somebody went there; until then it is the first one, whichever that comes to be
	#shown = []; // ids, in their order

	// onOpen(id)
	constructor(list, onOpen) {
		this.list = list;
		list.addEventListener('click', (event) => {
			const tile = event.target.closest('.tile');
			if (tile) {
				this.#current = Number(tile.dataset.id);
				this.#setTabOrder();
				onOpen(this.#current);
			}
		});
		list.addEventListener('keydown', (event) => this.#move(event));
		list.addEventListener('focusin', (event) => {
			const tile = event.target.closest('.tile');
			if (tile) {
				this.#current = Number(tile.dataset.id);
				this.#isChosen = true;
			}
		});
	}

	show(machines, time, selected) {
		setAttribute(this.list, 'data-size', chooseSize(this.list, machines.length));
		this.#prefix = commonPrefix(machines);
		this.#shown = machines.map((m) => m.id);
		const present = new Set(this.#shown);
		for (const id of this.#tiles.keys()) {
			if (!present.has(id)) {
				this.#tiles.delete(id);
			}
		}
		arrange(this.list, machines.map((m) => this.#update(m, time, m.id === selected).item));
		this.#isChosen &&= present.has(this.#current);
		if (!this.#isChosen) {
			this.#current = this.#shown[0] ?? null;
		}
		this.#setTabOrder();
	}

	focus(id) {
		this.#tiles.get(id)?.button.focus();
	}

	#update(machine, time, isSelected) {
		const state = stateOf(machine);
		let tile = this.#tiles.get(machine.id);
		if (!tile) {
			tile = {shape: makeShape(state), head: make('span', {class: 'head'}), tail: make('span', {class: 'tail'}),
				value: make('span', {class: 'value'}), bar: make('span', {class: 'fill'})};
			const name = make('span', {class: 'name'}, tile.head, tile.tail);
			tile.button = make('button', {type: 'button', class: 'tile', tabindex: '-1', 'data-id': machine.id},
				tile.shape, name, tile.value, tile.bar);
			tile.item = make('li', {}, tile.button);
			this.#tiles.set(machine.id, tile);
		}
		const name = [...shortName(machine, this.#prefix)];
		setAttribute(tile.button, 'data-state', state);
		setAttribute(tile.button, 'aria-label', describe(machine, time));
		setAttribute(tile.button, 'title', nameOf(machine));
		setAttribute(tile.button, 'aria-current', isSelected ? 'true' : 'false');
		tile.button.toggleAttribute('data-note', Boolean(machine.note) && state !== 'silent');
		setShape(tile.shape, state);
		setText(tile.head, name.slice(0, -tailLength).join(''));
		setText(tile.tail, name.slice(-tailLength).join(''));
		setText(tile.value, figure(machine, state, time));
		tile.bar.style.inlineSize = state === 'done' ? '100%' : `${machine.percent ?? 0}%`;
		return tile;
	}

	#setTabOrder() {
		for (const [id, tile] of this.#tiles) {
			setAttribute(tile.button, 'tabindex', id === this.#current ? '0' : '-1');
		}
	}

	#columns() {
		const tops = this.#shown.map((id) => this.#tiles.get(id).item.offsetTop);
		const second = tops.findIndex((top) => top > tops[0]);
		return second < 0 ? tops.length : second;
	}

	#move(event) {
		if (event.altKey || event.ctrlKey || event.metaKey) {
			return;
		}
		const last = this.#shown.length - 1;
		const at = this.#shown.indexOf(Number(document.activeElement?.dataset.id));
		const steps = {
			ArrowLeft: () => at - 1,
			ArrowRight: () => at + 1,
			ArrowUp: () => at - this.#columns(),
			ArrowDown: () => at + this.#columns(),
			Home: () => 0,
			End: () => last,
		};
		const to = at < 0 ? undefined : steps[event.key]?.();
		if (to === undefined) {
			return;
		}
		event.preventDefault();
		if (to >= 0 && to <= last) {
			this.#current = this.#shown[to];
			this.#setTabOrder();
			this.focus(this.#current);
		}
	}
}
