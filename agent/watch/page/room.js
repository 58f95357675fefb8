// SPDX-License-Identifier: BSD-3-Clause
// What the page knows of the room, and the order and choice in which it shows it. No elements here.
import {stateOf} from './states.js';

const collator = new Intl.Collator(undefined, {numeric: true, sensitivity: 'base'});

export function nameOf(machine) {
	return machine.host || machine.agent || `machine ${machine.id}`;
}

// The first label of a host name tells machines of one room apart, and of it the last two parts: of
// lab3-pc-001.example.org what is shown is pc-001, if the prefix is lab3-.
export function shortName(machine, prefix = '') {
	const name = nameOf(machine);
	const label = /^[\d.]+$/.test(name) ? name : name.split('.')[0] || name;
	return prefix && label.startsWith(prefix) && label.length > prefix.length ? label.slice(prefix.length) : label;
}

// What precedes the last two parts of the names of nearly all; empty if there is no such thing.
export function commonPrefix(machines) {
	const counts = new Map();
	for (const machine of machines) {
		const prefix = shortName(machine).match(/^(.*[-_])[^-_]+[-_][^-_]+$/)?.[1] ?? '';
		counts.set(prefix, (counts.get(prefix) ?? 0) + 1);
	}
	const [prefix, count] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? ['', 0];
	return count >= 3 && count >= 0.8 * machines.length ? prefix : '';
}

function byName(a, b) {
	return collator.compare(nameOf(a), nameOf(b)) || a.id - b.id;
}

function troubleOf(machine) {
	return {failed: 3, silent: 2}[stateOf(machine)] ?? (machine.note || machine.error ? 1 : 0);
}

const orders = {
	name: byName,
	trouble: (a, b) => troubleOf(b) - troubleOf(a) || byName(a, b),
	progress: (a, b) => (a.percent ?? -1) - (b.percent ?? -1) || byName(a, b),
	rate: (a, b) => b.down - a.down || byName(a, b),
};

export class Room {
	machines = new Map();
	agents = new Map(); // the same by agent; of several with one name the first
	states = {};
	rates = null;
	beacons = null;
	totals = {};
	expect = 0;
	time = 0; // of the watcher, in milliseconds

	apply(message) {
		if (message.all) {
			this.machines.clear();
			this.agents.clear();
		}
		for (const machine of message.machines) {
			this.machines.set(machine.id, machine);
			if ((this.agents.get(machine.agent) ?? machine).id === machine.id) {
				this.agents.set(machine.agent, machine);
			}
		}
		this.states = message.states;
		this.rates = message.rates;
		this.beacons = message.beacons;
		this.totals = message.totals;
		this.expect = message.expect;
		this.time = message.time;
	}

	// The same machine after the watcher was started anew, where it has another number.
	find(agent, host) {
		return [...this.machines.values()].find((m) => m.agent === agent && m.host === host);
	}

	findAgent(agent) {
		return this.agents.get(agent);
	}

	// find: part of a name, an agent, a job or a device.
	choose({sort, state, find}) {
		const part = find.trim().toLowerCase();
		return [...this.machines.values()]
			.filter((m) => !state || stateOf(m) === state)
			.filter((m) => !part || [m.host, m.agent, m.job, m.devices].some((t) => t.toLowerCase().includes(part)))
			.sort(orders[sort] ?? byName);
	}

	get jobs() {
		return [...new Set([...this.machines.values()].map((m) => m.job).filter(Boolean))].sort(collator.compare);
	}
}
