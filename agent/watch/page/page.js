// SPDX-License-Identifier: BSD-3-Clause
// The page: what is in the room (room.js) comes in by events (feed.js) and is shown by the parts of the page. What
// is shown of it stands in the address, so that a page can be reloaded and passed on.
import {Chart} from './chart.js';
import {Detail} from './detail.js';
import {arrange, make, setAttribute, setText} from './dom.js';
import {follow} from './feed.js';
import {clock, duration, machines as machineCount, nothing, percent, size} from './format.js';
import {Grid} from './grid.js';
import {Room} from './room.js';
import {allStates, makeShape, stateName} from './states.js';
import {Table} from './table.js';

const byId = (id) => document.getElementById(id);
const room = new Room();
const settings = {view: 'grid', sort: 'name', state: '', find: '', machine: '', ...Object.fromEntries(new URLSearchParams(location.hash.slice(1)))};
const chart = new Chart(byId('room-chart'));
const grid = new Grid(byId('grid'), open);
const table = new Table(byId('table').querySelector('tbody'), open);
const detail = new Detail(byId('detail'), closed);
let chosen = null; // agent and host of the machine in the detail
let told = ''; // the last news for screen readers
let toldAt = 0;
let wasLost = false;
let orders = null; // the view of the room's orders; only `rawswarm serve` has any

function remember() {
	const parts = new URLSearchParams();
	for (const [name, value] of Object.entries(settings)) {
		if (value && !(name === 'view' && value === 'grid') && !(name === 'sort' && value === 'name')) {
			parts.set(name, value);
		}
	}
	history.replaceState(null, '', `#${parts}`);
}

function open(id) {
	const machine = room.machines.get(id);
	if (machine) {
		chosen = {agent: machine.agent, host: machine.host};
		settings.machine = machine.agent || machine.host;
		remember();
		detail.open(machine);
		showMachines();
	}
}

function closed(id) {
	chosen = null;
	settings.machine = '';
	remember();
	showMachines();
	(settings.view === 'table' ? table : grid).focus(id);
}

function showFigures() {
	const count = room.machines.size;
	const {done = 0, failed = 0, silent = 0} = room.states;
	const {total = 0, done: bytes = 0, eta_s: left = null} = room.totals;
	setText(byId('figure-done'), `${done} of ${Math.max(count, room.expect)}`);
	setText(byId('figure-trouble'), failed + silent === 0 ? 'none' : [failed && `${failed} failed`, silent && `${silent} silent`].filter(Boolean).join(', '));
	byId('figure-trouble').classList.toggle('bad', failed > 0);
	setText(byId('figure-progress'), total > 0 ? `${percent((100 * bytes) / total)} of ${size(total)}` : nothing);
	setText(byId('figure-left'), left === null ? nothing : duration(left));
	setText(byId('job'), room.jobs.slice(0, 3).join(', ') + (room.jobs.length > 3 ? ` and ${room.jobs.length - 3} more` : ''));
	document.title = count ? `${done}/${Math.max(count, room.expect)} done${failed ? `, ${failed} failed` : ''}: rawswarm` : 'rawswarm: the room';
}

const chips = new Map();

function showStates() {
	const present = allStates.filter((state) => room.states[state] || settings.state === state);
	for (const state of present) {
		if (!chips.has(state)) {
			const count = make('span', {class: 'count'});
			const button = make('button', {type: 'button', class: 'chip', 'data-state': state}, makeShape(state), make('span', {text: stateName(state)}), count);
			button.addEventListener('click', () => {
				settings.state = settings.state === state ? '' : state;
				remember();
				showStates();
				showMachines();
			});
			chips.set(state, {item: make('li', {}, button), button, count});
		}
		const chip = chips.get(state);
		setText(chip.count, String(room.states[state] ?? 0));
		setAttribute(chip.button, 'aria-pressed', String(settings.state === state));
	}
	arrange(byId('states'), present.map((state) => chips.get(state).item));
}

function showMachines() {
	const asOrders = orders !== null && settings.view === 'orders';
	const asTable = settings.view === 'table';
	byId('grid').hidden = asTable || asOrders;
	byId('table').hidden = !asTable;
	byId('states').hidden = asOrders;
	byId('sort').hidden = asOrders;
	document.querySelector('label[for=sort]').hidden = asOrders;
	setAttribute(byId('view'), 'aria-pressed', String(asTable));
	if (orders) {
		orders.element.hidden = !asOrders;
		setAttribute(byId('order-view'), 'aria-pressed', String(asOrders));
	}
	const count = asOrders ? orders.show(settings.find) : showHeard(asTable);
	const known = asOrders ? orders.size : room.machines.size;
	setText(byId('machines-title'), !asOrders && room.expect > known ? `${known} of ${machineCount(room.expect)}` : machineCount(known));
	byId('none').hidden = count > 0;
	setText(byId('none'), known ? 'No machine is as you ask.' : asOrders ? 'The room has no machines yet. Name them in room.json, or start one from the network.'
		: 'No machine has been heard yet. They send beacons to where their job says.');
}

// How many are shown of those that are heard.
function showHeard(asTable) {
	const list = room.choose(settings);
	(asTable ? table : grid).show(list, room.time, detail.id);
	return list.length;
}

function show(view) {
	settings.view = settings.view === view ? 'grid' : view;
	remember();
	showMachines();
}

// The first event of a server that has orders brings the part of the page that shows them.
async function followOrders(changes) {
	if (changes === undefined) {
		return;
	}
	if (!orders) {
		const {OrderView} = await import('./order_view.js');
		if (!orders) {
			addOrders(new OrderView(byId('machines'), (mac) => room.findAgent(mac)));
		}
	}
	orders.follow(changes, showMachines);
}

function addOrders(view) {
	orders = view;
	detail.factsOf = (mac) => orders.factsOf(mac);
	const button = make('button', {id: 'order-view', type: 'button', 'aria-pressed': 'false', text: 'Orders'});
	button.addEventListener('click', () => show('orders'));
	byId('view').before(button);
	byId('machines').append(byId('none'));
	if (room.machines.size === 0 && !location.hash.includes('view=')) {
		settings.view = 'orders'; // a room at rest
	}
	showMachines();
}

// What screen readers say: numbers that matter, not too often.
function tellNews() {
	const {done = 0, failed = 0, silent = 0} = room.states;
	const news = `${done} of ${machineCount(room.machines.size)} done` + (failed ? `, ${failed} failed` : '') + (silent ? `, ${silent} silent` : '');
	if (news !== told && Date.now() - toldAt > 5000) {
		told = news;
		toldAt = Date.now();
		setText(byId('news'), news);
	}
}

// The machine of the detail has another number once the watcher was started anew, and none until it is heard again.
function followDetail() {
	if (chosen) {
		const known = room.machines.get(detail.id);
		const isSame = known?.agent === chosen.agent && known?.host === chosen.host;
		detail.id = isSame ? detail.id : (room.find(chosen.agent, chosen.host)?.id ?? null);
	} else if (settings.machine) {
		const named = [...room.machines.values()].find((m) => (m.agent || m.host) === settings.machine);
		if (named) {
			open(named.id);
		}
	}
}

function onRoom(message) {
	room.apply(message);
	followDetail();
	showFigures();
	chart.show(room.rates);
	showStates();
	showMachines();
	tellNews();
	detail.refresh();
	followOrders(message.orders);
}

function onLink(state) {
	const lost = state !== 'live';
	setAttribute(byId('link'), 'data-link', state);
	if (lost) {
		setText(byId('link'), room.time ? `Connection lost at ${clock(room.time)}, trying again` : 'No connection yet, trying again');
	} else if (wasLost || byId('link').textContent !== 'Live') {
		setText(byId('link'), 'Live');
	}
	if (lost) {
		orders?.forget();
	}
	wasLost = lost;
	document.body.classList.toggle('stale', lost);
}

byId('find').value = settings.find;
byId('find').addEventListener('input', (event) => {
	settings.find = event.target.value;
	remember();
	showMachines();
});
byId('sort').value = settings.sort;
byId('sort').addEventListener('change', (event) => {
	settings.sort = event.target.value;
	remember();
	showMachines();
});
byId('view').addEventListener('click', () => show('table'));

addEventListener('resize', showMachines);

follow('events', onRoom, onLink);
