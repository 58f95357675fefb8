// SPDX-License-Identifier: BSD-3-Clause
// The room as a table: every figure of every machine.
import {arrange, make, setAttribute, setText} from './dom.js';
import {duration, nothing, percent, rate} from './format.js';
import {nameOf} from './room.js';
import {makeShape, setShape, stateName, stateOf} from './states.js';

export class Table {
	#rows = new Map();

	// onOpen(id)
	constructor(body, onOpen) {
		this.body = body;
		body.addEventListener('click', (event) => {
			const row = event.target.closest('tr');
			if (row) {
				onOpen(Number(row.dataset.id));
			}
		});
	}

	show(machines, time, selected) {
		const present = new Set(machines.map((m) => m.id));
		for (const id of this.#rows.keys()) {
			if (!present.has(id)) {
				this.#rows.delete(id);
			}
		}
		arrange(this.body, machines.map((m) => this.#update(m, time, m.id === selected).row));
	}

	focus(id) {
		this.#rows.get(id)?.button.focus();
	}

	#update(machine, time, isSelected) {
		const state = stateOf(machine);
		let row = this.#rows.get(machine.id);
		if (!row) {
			row = {button: make('button', {type: 'button', class: 'plain'}), shape: makeShape(state), state: make('span'),
				cells: Array.from({length: 7}, (_, i) => make('td', i < 5 ? {class: 'number'} : {}))};
			row.row = make('tr', {'data-id': machine.id}, make('th', {scope: 'row'}, row.button),
				make('td', {class: 'state'}, row.shape, row.state), ...row.cells);
			this.#rows.set(machine.id, row);
		}
		setAttribute(row.row, 'data-state', state);
		setAttribute(row.row, 'aria-current', isSelected ? 'true' : 'false');
		setShape(row.shape, state);
		setText(row.button, nameOf(machine));
		setText(row.state, state === 'silent' ? `Silent for ${duration((time - machine.seen) / 1000)}` : stateName(state));
		[
			percent(machine.percent),
			machine.down ? rate(machine.down) : nothing,
			machine.up ? rate(machine.up) : nothing,
			String(machine.peers),
			machine.eta_s === undefined || state === 'silent' ? nothing : duration(machine.eta_s),
			machine.devices,
			machine.error?.text ?? machine.note ?? '',
		].forEach((text, i) => setText(row.cells[i], text));
		return row;
	}
}
