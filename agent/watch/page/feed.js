// SPDX-License-Identifier: BSD-3-Clause
// The events of the room. The first one of a connection tells of all machines, so that after a loss of the
// connection, or a restart of the watcher, the page is right again with the next event.

// The watcher sends one each second.
const quietMilliseconds = 6000;
const againMilliseconds = 2000;

// onRoom(message), onLink('live' | 'lost')
export function follow(url, onRoom, onLink) {
	let source = null;
	let heard = Date.now();

	function open() {
		source?.close();
		source = new EventSource(url);
		heard = Date.now();
		source.addEventListener('room', (event) => {
			heard = Date.now();
			onLink('live');
			onRoom(JSON.parse(event.data));
		});
		source.addEventListener('error', () => onLink('lost'));
	}

	// The browser tries again by itself, but for answers of a server that has no events, and it does not notice
	// a network that went silent.
	setInterval(() => {
		const quiet = Date.now() - heard;
		if (quiet > quietMilliseconds) {
			onLink('lost');
		}
		const closed = source.readyState === EventSource.CLOSED && quiet > againMilliseconds;
		const hangs = source.readyState === EventSource.OPEN && quiet > quietMilliseconds;
		if (closed || hangs) {
			open();
		}
	}, 1000);
	open();
}
