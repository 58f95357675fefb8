// SPDX-License-Identifier: BSD-3-Clause
// Numbers for people.

export const nothing = '–';

export function size(bytes) {
	const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
	let value = bytes;
	let unit = 0;
	while (value >= 1024 && unit + 1 < units.length) {
		value /= 1024;
		++unit;
	}
	return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

export function rate(bytesPerSecond) {
	return `${size(bytesPerSecond)}/s`;
}

export function percent(value) {
	return value === undefined ? nothing : `${Math.floor(value)}%`;
}

export function duration(seconds) {
	const s = Math.max(0, Math.round(seconds));
	if (s < 60) {
		return `${s} s`;
	}
	if (s < 3600) {
		return s < 600 && s % 60 ? `${Math.floor(s / 60)} min ${s % 60} s` : `${Math.round(s / 60)} min`;
	}
	if (s < 86400) {
		return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
	}
	return `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
}

export function shortDuration(seconds) {
	const s = Math.max(0, Math.round(seconds));
	return s < 60 ? `${s} s` : s < 3600 ? `${Math.round(s / 60)} min` : `${Math.round(s / 3600)} h`;
}

const time = new Intl.DateTimeFormat(undefined, {hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23'});

export function clock(unixMilliseconds) {
	return time.format(new Date(unixMilliseconds));
}

export function machines(count) {
	return count === 1 ? '1 machine' : `${count} machines`;
}
