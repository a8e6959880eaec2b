/**
 * Who may come in: the gate of a server that has keys, tokens and policies.
 *
 * A request is judged by its head first - its address' rate, its credentials, its principal's rate
 * and how many it has under way - so that nobody unknown has a body read or parsed. A signature is
 * over the body too, and is compared once that is there, before it is parsed; until then the
 * request counts for its address and not for the principal, whose key id is no secret. Credentials
 * come before what a body says, which DynamoDB looks at in the other order (docs/adr, access).
 */
import { DynamoError } from '../../base/errors.ts';
import { ratedMax } from '../../base/access-limits.ts';
import { judgeOf } from '../../operation/access/judge.ts';
import { gapOf, scopeOf } from '../../operation/access/scope.ts';
import type { Caller } from '../../operation/operation.ts';
import type { Judge } from '../../operation/request.ts';
import type { Bound } from '../../access/evaluate.ts';
import type { Policy } from '../../access/policy.ts';
import type { Clock } from '../../port/clock.ts';
import type { Visitor } from '../../wire/dispatch.ts';
import { datedSignature, readSignature, scopeRefusal } from '../../wire/sigv4.ts';
import type { Claims } from './claims.ts';
import { type AccessConfig, type AccessKey, readAccessFile } from './config.ts';
import { AccessFault } from './fields.ts';
import { Rates } from './rates.ts';
import { secretRefusal, type SignedHead, unsignedRefusal } from './signature.ts';
import { Tokens, unrecognized } from './tokens.ts';

export interface AccessOptions {
  /** Of signatures, and of ARNs; as the engine has them. */
  readonly region: string;
  readonly account: string;
  readonly clock: Clock;
  /** Told of every request that is refused. */
  readonly onRefusal?: ((refusal: Refusal) => void) | undefined;
}

export interface Refusal {
  readonly address: string;
  /** ARN of the principal, or empty where nobody knows it. */
  readonly principal: string;
  /** DynamoDB's name of the error. */
  readonly error: string;
}

/** A request that was let in by its head. */
export interface Admission {
  readonly visitor: Visitor;
  /** Throws the refusal of a body that is not the one that was signed. */
  verify(body: Uint8Array): void;
  /** It is over. */
  leave(): void;
}

interface Principal {
  readonly arn: string;
  readonly name: string;
  readonly tenant: string | undefined;
  readonly claims: Claims;
  readonly policies: readonly Policy[];
  readonly bounds: readonly Bound[];
  /** Of a signature: throws where it is another's. Undefined of a token, which is verified. */
  readonly verify: ((body: Uint8Array) => void) | undefined;
}

export class Access {
  readonly #config: AccessConfig;
  readonly #options: AccessOptions;
  readonly #tokens: Tokens;
  readonly #addresses: Rates;
  readonly #principals: Rates;
  /** Requests under way by principal, and connections by address. */
  readonly #underWay: Map<string, number> = new Map();
  readonly #connections: Map<string, number> = new Map();
  #requests = 0;

  /** Reads the file and the keys in files. Rejects with AccessFault. */
  static async open(
    path: string,
    environment: Readonly<Record<string, string | undefined>>,
    options: AccessOptions,
  ): Promise<Access> {
    const access = new Access(await readAccessFile(path, environment), options);
    await access.#tokens.load().catch((error: Error) => {
      throw new AccessFault(`${path}: ${error.message}`);
    });
    return access;
  }

  constructor(config: AccessConfig, options: AccessOptions) {
    this.#config = config;
    this.#options = options;
    this.#tokens = new Tokens(config.issuers, options.clock);
    this.#addresses = new Rates(config.limits.address, ratedMax);
    this.#principals = new Rates(config.limits.principal, ratedMax);
  }

  /** In words, without secrets. */
  get summary(): string {
    const { keys, issuers, policies } = this.#config;
    return `${keys.size} keys, ${issuers.size} issuers, ${policies} policies`;
  }

  /** What policies allow that no device is given, each a line. */
  get notes(): readonly string[] {
    return this.#config.notes;
  }

  /** Counts a connection; false when its address has too many, and it is to be closed. */
  connect(address: string): boolean {
    if ((this.#connections.get(address) ?? 0) >= this.#config.limits.addressConnections) {
      return false;
    }
    count(this.#connections, address, 1);
    return true;
  }

  disconnect(address: string): void {
    count(this.#connections, address, -1);
  }

  /** Counts a request of an address, whatever it asks for. Throws a DynamoError to refuse it. */
  knock(address: string): void {
    if (this.#addresses.take(address, this.#options.clock.monoMs())) return;
    throw this.#told(address, '', throttled());
  }

  /** Rejects with the DynamoError that refuses the request. */
  async admit(head: SignedHead, address: string): Promise<Admission> {
    const entered: string[] = [];
    let arn = '';
    const telling = <T>(go: () => T): T => {
      try {
        return go();
      } catch (error) {
        throw this.#told(address, arn, error);
      }
    };
    const leave = (): void => {
      if (entered.length > 0) this.#requests -= 1;
      for (const name of entered.splice(0)) count(this.#underWay, name, -1);
    };
    this.knock(address);
    const principal = await this.#principalOf(head).catch((error) => {
      throw this.#told(address, arn, error);
    });
    telling(() => {
      if (this.#requests >= this.#config.limits.requests) {
        throw new DynamoError('ServiceUnavailable', 'Too many requests are under way');
      }
      const { verify } = principal;
      entered.push(verify ? this.#enter(`${principal.arn} at ${address}`) : this.#known(principal));
      this.#requests += 1;
    });
    arn = principal.arn;
    return {
      visitor: this.#visitorOf(principal, address),
      leave,
      verify: (body) => {
        telling(() => {
          principal.verify?.(body);
          if (principal.verify) entered.push(this.#known(principal));
        });
      },
    };
  }

  /** Counts a request of a principal who is who it says. */
  #known({ arn }: Principal): string {
    if (!this.#principals.take(arn, this.#options.clock.monoMs())) throw throttled();
    return this.#enter(arn);
  }

  #enter(name: string): string {
    const held = this.#underWay.get(name) ?? 0;
    if (held >= this.#config.limits.principalRequests) throw throttled();
    count(this.#underWay, name, 1);
    return name;
  }

  #visitorOf(principal: Principal, address: string): Visitor {
    const { arn, name, tenant, claims, policies, bounds } = principal;
    const variables = new Map([
      ...claims,
      ['aws:username', [name]] as const,
      ['aws:userid', [name]] as const,
      ['aws:principalarn', [arn]] as const,
    ]);
    const judge = judgeOf({ arn, policies, bounds, variables });
    const caller: Caller = { kind: 'user', principal: arn, tenant, claims };
    const telling: Judge = (operation, input, context) => {
      try {
        judge(operation, input, context);
      } catch (error) {
        throw this.#told(address, arn, error);
      }
    };
    const known = { arn, policies, bounds, variables };
    return {
      caller,
      judge: telling,
      scope: (context) => scopeOf(known, context),
      gap: (table, context) => gapOf(known, table, context),
    };
  }

  async #principalOf(head: SignedHead): Promise<Principal> {
    const bearer = /^bearer +([^ ]*) *$/i.exec(head.headers['authorization'] ?? '')?.[1];
    if (bearer === undefined) return this.#signer(head);
    const { issuer, subject, tenant, claims } = await this.#tokens.verify(bearer);
    const arn = `arn:aws:sts::${this.#options.account}:assumed-role/${issuer.name}/${subject}`;
    const { policies, bounds } = issuer;
    return { arn, name: subject, tenant, claims, policies, bounds, verify: undefined };
  }

  #signer(head: SignedHead): Principal {
    const { clock, region, account } = this.#options;
    const query = new URLSearchParams(head.url.split('?')[1] ?? '');
    const form = readSignature({ headers: head.headers, query });
    const signature = form instanceof DynamoError ? form : datedSignature(form, head.headers);
    if (signature instanceof DynamoError) throw signature;
    const refusal =
      scopeRefusal(signature, clock.wallMs(), region) ?? unsignedRefusal(head, signature);
    if (refusal !== undefined) throw refusal;
    const key = this.#keyOf(signature.credential, head);
    return {
      arn: `arn:aws:iam::${account}:user/${key.name}`,
      name: key.name,
      tenant: key.tenant,
      claims: key.claims,
      policies: key.policies,
      bounds: key.bounds,
      verify: (body) => {
        const wrong = secretRefusal(head, body, signature, key.secret);
        if (wrong !== undefined) throw wrong;
      },
    };
  }

  #keyOf(credential: string, { headers, url }: SignedHead): AccessKey {
    const key = this.#config.keys.get(credential.split('/', 1)[0] ?? '');
    // These keys have no session: a token says that another service's was taken.
    const hasSession = headers['x-amz-security-token'] || /[?&]X-Amz-Security-Token=/.test(url);
    if (key === undefined || hasSession) throw unrecognized();
    if (key.expiresMs !== undefined && this.#options.clock.wallMs() >= key.expiresMs) {
      throw new DynamoError(
        'ExpiredTokenException',
        'The security token included in the request is expired',
      );
    }
    return key;
  }

  /** The error, once whoever listens has heard of it. */
  #told(address: string, principal: string, error: unknown): unknown {
    if (error instanceof DynamoError) {
      this.#options.onRefusal?.({ address, principal, error: error.name });
    }
    return error;
  }
}

function count(counts: Map<string, number>, name: string, step: 1 | -1): void {
  const now = (counts.get(name) ?? 0) + step;
  if (now > 0) counts.set(name, now);
  else counts.delete(name);
}

/** As DynamoDB's control plane says it; SDKs wait and try again. */
function throttled(): DynamoError {
  return new DynamoError('ThrottlingException', 'Rate of requests exceeds the allowed throughput.');
}
