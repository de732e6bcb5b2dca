// A real OpenID provider for the tests: node provider.mjs MODULES CALLBACK LOGOUT
// It prints the address that it listens at and ends with its standard input.
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';

const [modules, callback, logout] = process.argv.slice(2);
const { Provider } = await import(pathToFileURL(join(modules, 'oidc-provider', 'lib', 'index.js')));

const people = {
  grace: { name: 'Grace Stern', preferred_username: 'grace', email: 'grace@example.com', email_verified: true, groups: ['architects', 'others'] },
  ivan: { name: 'Ivan Unknown', preferred_username: 'ada', email: 'ada@example.com', email_verified: false, groups: [] },
};

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{
      client_id: 'binnacle', client_secret: 'a secret of the tests', redirect_uris: [callback], grant_types: ['authorization_code'],
      response_types: ['code'], backchannel_logout_uri: logout, backchannel_logout_session_required: true,
    }],
    claims: { openid: ['sub'], profile: ['name', 'preferred_username', 'groups'], email: ['email', 'email_verified'] },
    features: { backchannelLogout: { enabled: true } },
    cookies: { keys: ['only for tests'] },
    pkce: { required: () => true },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
    // The provider calls no address of this machine by itself, and here there are no others.
    fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  });
  provider.on('server_error', (_, error) => console.error(error));
  provider.on('backchannel.error', (_, error) => console.error(error));
  server.on('request', provider.callback());
  console.log(issuer);
});

process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
