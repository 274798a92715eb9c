// operations: the table of operations.txt, and which of its rows a request is.
'use strict';
const fs = require('fs');
const path = require('path');

// Like the forge's router as Prism has it: a parameter is one segment, so a slash in it must be escaped.
function pattern(template) {
	const parts = template.split(/\{[^}]+\}/).map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));

	return new RegExp(`^${parts.join('[^/]+')}$`);
}

function read() {
	const text = fs.readFileSync(path.join(__dirname, 'operations.txt'), 'utf8');

	return text.split('\n').filter((line) => /^[A-Z]/.test(line)).map((line) => {
		const [method, template] = line.split(/\s+/);

		return {name: `${method} ${template}`, method, template, pattern: pattern(template),
			stars: template.replace(/\{[^}]+\}/g, '*')};
	});
}

// undefined: none. Fixed segments win over parameters, as in any router.
function find(rows, method, pathname) {
	return rows.filter((row) => row.method === method && row.pattern.test(pathname))
		.sort((a, b) => a.template.split('{').length - b.template.split('{').length)[0];
}

module.exports = {read, find};
