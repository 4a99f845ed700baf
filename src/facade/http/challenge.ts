/** `WWW-Authenticate` of a 401, which must say how to do better (RFC 9110, 15.5.2): a wallet's signature or an API key. */
export const authChallenge = 'Countersign, Bearer realm="countersign"';
