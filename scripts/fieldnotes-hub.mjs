/**
 * The hub of the field notes: their tables, the policies of the team, and tokens for the two users
 * of the demonstration, who need no password.
 *
 * It is set up as anybody's hub is, with an access file (docs/access.md); the key that signs the
 * tokens is made at every start, so tokens end with the server.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { noticesTable, notesTable, photosTable, tables } from '../examples/fieldnotes/tables.ts';
import { Access } from '../src/host/access/access.ts';
import { systemClock } from '../src/host/ports.ts';

const issuer = 'http://localhost/fieldnotes';
const audience = 'fieldnotes';
const keyId = 'fieldnotes';
const tokenMinutes = 10;

/** Role by user; the page shows the same two (examples/fieldnotes/users.ts). */
const roles = new Map([
  ['ada', 'lead'],
  ['bo', 'member'],
]);

const arn = (table) => `arn:aws:dynamodb:*:*:table/${table}`;
const reads = ['GetItem', 'BatchGetItem', 'Query', 'Scan', 'DescribeTable'];
const writes = ['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'ConditionCheckItem'];
const actions = (names) => names.map((name) => `dynamodb:${name}`);

const policy = {
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'AllRead',
      Effect: 'Allow',
      Action: actions(reads),
      Resource: [notesTable, photosTable, noticesTable].map(arn),
    },
    {
      Sid: 'AllWriteNotes',
      Effect: 'Allow',
      Action: actions(writes),
      Resource: [notesTable, photosTable].map(arn),
    },
    {
      Sid: 'AllHaveTheirOwnConflicts',
      Effect: 'Allow',
      Action: actions(['GetItem', 'BatchGetItem', 'Query', 'DescribeTable', 'DeleteItem']),
      Resource: arn('tidetable-conflicts'),
      Condition: {
        // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the policy.
        'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['${aws:PrincipalArn}'] },
      },
    },
    {
      Sid: 'TheLeadWritesNotices',
      Effect: 'Allow',
      Action: actions(writes),
      Resource: arn(noticesTable),
      Condition: { StringEquals: { 'jwt:role': 'lead' } },
    },
    {
      // Keys by pattern are no range that a device could know: what others write is judged here.
      Sid: 'AllWriteDraftsOfNotices',
      Effect: 'Allow',
      Action: actions(writes),
      Resource: arn(noticesTable),
      Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['draft#*'] } },
    },
  ],
};

/** Makes the tables where they are missing; answers who judges, and what gives tokens. */
export async function openFieldnotes(engine) {
  const caller = { kind: 'engine', principal: 'engine' };
  for (const input of tables) {
    const made = engine.call({ operation: 'CreateTable', input, form: 'plain', caller });
    await made.catch((error) => {
      if (error.name !== 'ResourceInUseException') throw error;
    });
  }
  await engine.idle();
  await engine.call({ operation: 'OpenReplica', input: { Role: 'hub' }, form: 'plain', caller });
  for (const { TableName } of tables) {
    const input = { TableName };
    await engine.call({ operation: 'ReplicateTable', input, form: 'plain', caller });
  }
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const folder = mkdtempSync(join(tmpdir(), 'tidetable-fieldnotes-'));
  return {
    access: await openAccess(folder, publicKey),
    answer: (method, url) => answer(privateKey, method, url),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** POST /fieldnotes/token?user=NAME; everything else is not ours. */
async function answer(privateKey, method, url) {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  if (method !== 'POST' || pathname !== '/fieldnotes/token') return undefined;
  const token = await tokenFor(privateKey, searchParams.get('user'));
  const body = Buffer.from(JSON.stringify(token === undefined ? {} : { token }));
  const headers = {
    'content-type': 'application/json',
    'content-length': String(body.length),
    'cache-control': 'no-store',
  };
  return { status: token === undefined ? 404 : 200, headers, body };
}

/** Undefined for a user whom nobody knows. */
async function tokenFor(privateKey, user) {
  const role = roles.get(user);
  if (role === undefined) return undefined;
  return new SignJWT({ role })
    .setProtectedHeader({ alg: 'ES256', kid: keyId })
    .setSubject(user)
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime(`${tokenMinutes}m`)
    .sign(privateKey);
}

/** The folder is read again now and then, as long as the server runs. */
async function openAccess(folder, publicKey) {
  const jwk = { ...(await exportJWK(publicKey)), kid: keyId, alg: 'ES256' };
  writeFileSync(join(folder, 'keys.json'), JSON.stringify({ keys: [jwk] }));
  const file = {
    policies: { team: policy },
    issuers: [{ issuer, audience, jwks: { file: 'keys.json' }, policies: ['team'] }],
  };
  writeFileSync(join(folder, 'access.json'), JSON.stringify(file));
  const options = { region: 'local', account: '000000000000', clock: systemClock };
  return Access.open(join(folder, 'access.json'), {}, options);
}
