// SPDX-License-Identifier: BSD-3-Clause
// The room's orders: each machine with the image that it has and the one that it is to get, and what may be asked of
// those that are selected. Only a page of `rawswarm serve` has this.
import {arrange, make, setAttribute, setText} from './dom.js';
import {machines as machineCount, nothing, percent} from './format.js';
import {OrderDialog} from './order_dialog.js';
import {idOf, lastImage, Orders} from './orders.js';
import {makeShape, setShape, stateName} from './states.js';

const collator = new Intl.Collator(undefined, {numeric: true, sensitivity: 'base'});
const moment = new Intl.DateTimeFormat(undefined, {dateStyle: 'short', timeStyle: 'short', hourCycle: 'h23'});
const columns = ['Machine', 'Group', 'At its next start', 'Has', 'State', 'When', 'Last error'];
const actions = {image: 'Image…', again: 'Image again', cancel: 'Cancel', wake: 'Wake', forget: 'Forget', capture: 'Capture…'};

// Names, and the shape of another state, of those that no beacon tells.
const ownStates = {started: ['Started', 'starting'], ordered: ['To be imaged', 'planning'], capture: ['To be read', 'seeding'], 'own disk': ['Own disk', 'partitioning']};

function time(seconds) {
	return seconds ? moment.format(new Date(seconds * 1000)) : nothing;
}

function nextOf(machine) {
	if (machine.next === 'capture') {
		return `is read as ${machine.capture}`;
	}
	return machine.next === 'image' ? `gets ${machine.next_image}` : 'own disk';
}

function toldBy(answer) {
	const what = {image: `${answer.image} is ordered for`, capture: `${answer.image} will be captured from`, cancel: 'taken back for', wake: 'woken:', forget: 'forgotten:'}[answer.order];
	return `${what} ${machineCount(answer.machines.length)}.${answer.not_woken ? ` Not woken: ${answer.not_woken}.` : ''}`;
}

export class OrderView {
	#orders = new Orders();
	#isAsking = false;
	#dialog = new OrderDialog();
	#rows = new Map();
	#selected = new Set();
	#shown = []; // machines, in their order
	#current = null; // whose box is in the tab order
	#last = null; // the box that was set last: shift selects up to the next

	// parent: where it is put. heard(mac): the machine as beacons tell of it.
	constructor(parent, heard) {
		this.heard = heard;
		this.count = make('span', {id: 'selected', text: 'none selected'});
		this.buttons = Object.entries(actions).map(([what, text]) => {
			const button = make('button', {type: 'button', 'data-order': what, text});
			button.addEventListener('click', () => this.#give(what));
			return button;
		});
		this.token = make('input', {type: 'password', id: 'token', autocomplete: 'off', placeholder: 'printed by rawswarm serve'});
		this.token.value = this.#orders.token;
		this.token.addEventListener('input', () => {
			this.#orders.token = this.token.value;
		});
		this.key = make('form', {class: 'key-field'}, make('label', {for: 'token', text: 'Token'}), this.token);
		this.key.addEventListener('submit', (event) => event.preventDefault());
		this.said = make('p', {id: 'order-said', role: 'status'});
		this.trouble = make('p', {id: 'room-error', class: 'error', hidden: ''});
		this.all = make('input', {type: 'checkbox', 'aria-label': 'Select all that are shown'});
		this.all.addEventListener('change', () => this.#selectAll());
		this.body = make('tbody', {role: 'rowgroup'});
		this.body.addEventListener('click', (event) => this.#onClick(event));
		this.body.addEventListener('keydown', (event) => this.#move(event));
		// On a telephone rows are no rows of a table for the browser any more: their roles are said.
		const head = make('tr', {role: 'row'}, make('td', {role: 'cell'}, this.all), ...columns.map((text) => make('th', {scope: 'col', role: 'columnheader', text})));
		this.element = make('div', {id: 'orders', hidden: ''},
			make('div', {class: 'bar', role: 'group', 'aria-label': 'Orders for the selected machines'}, this.count, ...this.buttons, this.key),
			this.said, this.trouble,
			make('div', {class: 'scroll'}, make('table', {class: 'orders', role: 'table'}, make('caption', {class: 'unseen', text: 'The room\'s orders'}), make('thead', {role: 'rowgroup'}, head), this.body)));
		parent.append(this.element);
	}

	get size() {
		return this.#orders.machines.length;
	}

	follow(changes, onList) {
		this.#orders.follow(changes, onList);
	}

	// The next list is fetched, whatever number it has.
	forget() {
		this.#orders.forget();
	}

	// What is known of a machine by its address, for its details: name and value of each fact.
	factsOf(mac) {
		const machine = this.#orders.machines.find((m) => m.mac === mac);
		return machine ? [['Has', machine.given ?? nothing], ['At its next start', nextOf(machine)]] : [];
	}

	// part: of a name, an address, a group or an image.
	show(part) {
		const wanted = part.trim().toLowerCase();
		const texts = (m) => [m.name, m.mac, m.host, m.given, m.next_image, ...(m.groups ?? [])];
		this.#shown = this.#orders.machines
			.filter((m) => !wanted || texts(m).some((t) => t?.toLowerCase().includes(wanted)))
			.sort((a, b) => Number(b.known) - Number(a.known) || collator.compare(a.name, b.name));
		const ids = new Set(this.#orders.machines.map(idOf));
		for (const id of this.#rows.keys()) {
			if (!ids.has(id)) {
				this.#rows.delete(id);
				this.#selected.delete(id);
			}
		}
		arrange(this.body, this.#shown.map((m) => this.#update(m).row));
		this.trouble.hidden = this.#orders.error === '';
		setText(this.trouble, this.#orders.error);
		this.key.hidden = !this.#orders.needsToken;
		this.#showSelection();
		return this.#shown.length;
	}

	#update(machine) {
		const id = idOf(machine);
		let row = this.#rows.get(id);
		if (!row) {
			row = {box: make('input', {type: 'checkbox', tabindex: '-1', 'data-id': id}), name: make('label', {for: `box-${id}`}), mac: make('span', {class: 'mac'}),
				shape: makeShape('starting'), state: make('span'), cells: ['group', 'next', 'has', 'when', 'mistake'].map((name) => make('td', {class: name, role: 'cell'}))};
			row.box.id = `box-${id}`;
			const [group, next, has, when, error] = row.cells;
			row.row = make('tr', {role: 'row'}, make('td', {role: 'cell'}, row.box), make('th', {scope: 'row', role: 'rowheader'}, row.name, row.mac), group, next, has,
				make('td', {class: 'state', role: 'cell'}, row.shape, row.state), when, error);
			this.#rows.set(id, row);
		}
		setText(row.name, machine.name);
		setText(row.mac, [machine.name === machine.mac ? '' : machine.mac, machine.known ? '' : 'not in room.json'].filter(Boolean).join(', '));
		[
			(machine.groups ?? []).join(', '),
			nextOf(machine),
			machine.given ? `${machine.given}${machine.outdated ? ' (an older one)' : ''}` : nothing,
			time(machine.job?.at ?? machine.given_at ?? machine.seen_at),
			machine.trouble ?? machine.error?.text ?? '',
		].forEach((text, i) => setText(row.cells[i], text));
		this.#showState(row, machine);
		return row;
	}

	// By the beacons of now while it has a job: they are newer than the list.
	#showState(row, machine) {
		const heard = machine.job ? this.heard(machine.mac) : null;
		const state = heard ? (heard.silent ? 'silent' : heard.state) : machine.state;
		const [name, shape] = ownStates[state] ?? [stateName(state), state];
		const share = heard && !heard.silent && heard.percent !== undefined ? ` ${percent(heard.percent)}` : '';
		setAttribute(row.row, 'data-state', shape);
		setShape(row.shape, shape);
		setText(row.state, name + share);
	}

	#showSelection() {
		const chosen = this.#chosen();
		for (const [id, row] of this.#rows) {
			row.box.checked = this.#selected.has(id);
			setAttribute(row.row, 'aria-selected', String(row.box.checked));
		}
		if (!this.#shown.some((m) => idOf(m) === this.#current)) {
			this.#current = this.#shown.length > 0 ? idOf(this.#shown[0]) : null;
		}
		for (const [id, row] of this.#rows) {
			setAttribute(row.box, 'tabindex', id === this.#current ? '0' : '-1');
		}
		setText(this.count, chosen.length === 0 ? 'none selected' : `${chosen.length} selected`);
		this.all.checked = this.#shown.length > 0 && chosen.length === this.#shown.length;
		this.all.indeterminate = chosen.length > 0 && !this.all.checked;
		for (const button of this.buttons) {
			const what = button.dataset.order;
			const fits = what === 'capture' ? chosen.length === 1 : what === 'again' ? chosen.every(lastImage) : true;
			button.disabled = chosen.length === 0 || !fits;
		}
	}

	// Only what is seen can be chosen: a filter does not hide what an order is for.
	#chosen() {
		return this.#shown.filter((m) => this.#selected.has(idOf(m)));
	}

	#selectAll() {
		for (const machine of this.#shown) {
			this.#set(idOf(machine), this.all.checked);
		}
		this.#showSelection();
	}

	#set(id, isOn) {
		if (isOn) {
			this.#selected.add(id);
		} else {
			this.#selected.delete(id);
		}
	}

	#onClick(event) {
		const box = event.target.closest('tr')?.querySelector('input');
		if (!box || event.target.closest('label')) {
			return; // a label's click comes again as the box's
		}
		const isOn = event.target === box ? box.checked : !box.checked;
		const {id} = box.dataset;
		const ids = this.#shown.map(idOf);
		const [from, to] = [ids.indexOf(event.shiftKey ? this.#last : id), ids.indexOf(id)].sort((a, b) => a - b);
		for (const each of ids.slice(from < 0 ? to : from, to + 1)) {
			this.#set(each, isOn);
		}
		this.#last = id;
		this.#current = id;
		this.#showSelection();
	}

	#move(event) {
		const at = this.#shown.findIndex((m) => idOf(m) === document.activeElement?.dataset.id);
		const to = {ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: this.#shown.length - 1}[event.key];
		if (at < 0 || to === undefined || event.altKey || event.ctrlKey || event.metaKey) {
			return;
		}
		event.preventDefault();
		const machine = this.#shown[to];
		if (machine) {
			this.#current = idOf(machine);
			this.#showSelection();
			this.#rows.get(this.#current).box.focus();
		}
	}

	async #give(what) {
		const chosen = this.#chosen();
		if (this.#isAsking) {
			return;
		}
		if (this.#orders.needsToken && !this.#orders.token) {
			this.#say('Orders need the token that rawswarm serve printed at its start.', false);
			this.token.focus();
			return;
		}
		this.#say('', true);
		const ids = new Set(chosen.map(idOf));
		let orders = [];
		this.#isAsking = true;
		try {
			await this.#orders.renew();
			const now = this.#orders.machines.filter((machine) => ids.has(idOf(machine)));
			if (now.length !== chosen.length) {
				throw new Error('The list has changed meanwhile: nothing was ordered.');
			}
			orders = await this.#dialog.ask(what, now, this.#orders.images);
		} catch (error) {
			this.#say(error.message, false);
			return;
		} finally {
			this.#isAsking = false;
		}
		this.buttons.find((button) => button.dataset.order === what).focus();
		const done = [];
		try {
			for (const order of orders) {
				done.push(toldBy(await this.#orders.give(order)));
				this.#say(done.join(' '), true);
			}
		} catch (error) {
			this.#say([...done, error.message].join(' '), false);
		}
	}

	#say(text, isDone) {
		setAttribute(this.said, 'data-done', String(isDone));
		setText(this.said, text);
	}
}
