// contract PACKAGES DESCRIPTION COMMAND...: runs each command (a shell line) with its forge behind Prism, where
// HEADGATE_FORGE_FRONT in its environment says, and tells what was asked and what was wrong. 0: nothing was.
'use strict';
const fs = require('fs');
const {spawn} = require('child_process');
const {Gateway} = require('./gateway');
const {Ledger} = require('./ledger');
const prism = require('./prism');
const selftest = require('./selftest');

// {code, seconds, said}
function run(command, front) {
	return new Promise((resolve) => {
		const began = Date.now(), parts = [];
		const child = spawn('sh', ['-c', command], {stdio: ['ignore', 'pipe', 'pipe'],
			env: {...process.env, HEADGATE_FORGE_FRONT: `${front}/{port}`, CK_TIMEOUT_MULTIPLIER: '4'}});
		const done = (code) => resolve({code, seconds: Math.round((Date.now() - began) / 1000),
			said: Buffer.concat(parts).toString()});

		child.stdout.on('data', (part) => parts.push(part));
		child.stderr.on('data', (part) => parts.push(part));
		child.on('error', () => done(127));
		child.on('close', (code) => done(code === null ? 128 : code));
	});
}

// Four at a time: they wait far more than they work. What failed is shown whole.
async function play(gateway, commands) {
	const left = [...commands], failed = [];
	const lane = async () => {
		for (let command = left.shift(); command; command = left.shift()) {
			const {code, seconds, said} = await run(command, gateway.front_url);

			console.log(`-- ${command}: ${code === 0 ? 'passed' : `left with ${code}`}, ${seconds} s`);
			if (code !== 0) {
				console.log(said);
				failed.push(`${command} left with ${code}`);
			}
		}
	};

	await Promise.all([lane(), lane(), lane(), lane()]);
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
