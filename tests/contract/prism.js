// prism: Prism's validating proxy in this process. It lets everything pass and says in the header sl-violations of the
// answer what was wrong with it: so one run finds all there is, and who asked gets the forge's own answer.
'use strict';
const path = require('path');

async function start(packages, description, upstream) {
	const load = (name) => require(path.join(packages, '@stoplight', name));
	const operations = await load('prism-http').getHttpOperationsFromSpec(description);
	const server = load('prism-http-server').createServer(operations, {
		cors: false,
		config: {isProxy: true, upstream: new URL(upstream), errors: false, checkSecurity: true,
			validateRequest: true, validateResponse: true, mock: {dynamic: false}},
		components: {logger: load('prism-core').createLogger('prism', {level: 'silent'})},
	});

	return {url: await server.listen(0, '127.0.0.1'), close: () => server.close()};
}

module.exports = {start};
