// contract PACKAGES DESCRIPTION COMMAND...: runs each command (a shell line) with a forge behind Prism, whose address is
// HEADGATE_FORGE_FRONT in its environment, and says what was asked and what was wrong. 0: nothing was.
'use strict';
const fs = require('fs');
const {spawn} = require('child_process');
const {Gateway} = require('./gateway');
const {Ledger} = require('./ledger');
const prism = require('./prism');
const selftest = require('./selftest');

function run(command, front) {
	return new Promise((resolve) => {
		const child = spawn('sh', ['-c', command], {stdio: ['ignore', 'inherit', 'inherit'],
			env: {...process.env, HEADGATE_FORGE_FRONT: `${front}/{port}`}});

		child.on('error', () => resolve(127));
		child.on('close', (code) => resolve(code === null ? 128 : code));
	});
}

async function play(gateway, commands) {
	const failed = [];

	for (const command of commands) {
		const began = Date.now(), code = await run(command, gateway.front_url);

		console.log(`-- ${command}: ${code === 0 ? 'done' : `left with ${code}`}, ${Math.round((Date.now() - began) / 1000)} s`);
		if (code !== 0)
			failed.push(`${command} left with ${code}`);
	}
	return failed;
}

function report(gateway, ledger) {
	const never = ledger.never_asked(gateway.rows).map((row) => `never asked: ${row.name}`);

	console.log('validated requests, each with its answer:');
	ledger.told(gateway.rows).forEach((line) => console.log(line));
	ledger.wrong().forEach((line) => console.log(line));
	never.forEach((line) => console.log(line));
	console.log(`${ledger.exchanges.length} requests of ${gateway.rows.length - never.length} operations: ` +
		`${ledger.count('request')} request violations, ${ledger.count('response')} response violations`);
	return never.length > 0 || ledger.count('request') > 0 || ledger.count('response') > 0;
}

async function main([packages, file, ...commands]) {
	const ledger = new Ledger(), gateway = new Gateway(JSON.parse(fs.readFileSync(file, 'utf8')), ledger);

	await gateway.listen();
	const proxy = await prism.start(packages, file, gateway.back_url);

	gateway.prism_port = Number(new URL(proxy.url).port);
	const blind = await selftest.run(gateway, ledger);
	const failed = blind.length > 0 ? blind : await play(gateway, commands);
	const wrong = report(gateway, ledger);

	failed.forEach((line) => console.log(`failed: ${line}`));
	gateway.close();
	process.exit(failed.length > 0 || wrong ? 1 : 0);
}

main(process.argv.slice(2)).catch((error) => {
	console.error(error);
	process.exit(1);
});
