import fc from 'fast-check';

/** Who can be signed in; the last one owns the appliance. */
export const ROLES = ['viewer', 'operator', 'admin', 'super_admin'] as const;
export type Role = (typeof ROLES)[number];

/** Who asks, and by what it says so. */
export type CallerPlan =
  | { readonly who: 'nobody' }
  | { readonly who: 'stranger'; readonly authorization: string }
  | { readonly who: Role; readonly by: 'token' }
  /** As a browser does; `origin` is the page's, ours when left out. */
  | { readonly who: Role; readonly by: 'cookies'; readonly origin?: string };

const BAD_AUTHORIZATIONS = [
  ...['', 'Bearer', 'Bearer ', 'Bearer null', 'Basic YWRtaW46YWRtaW4=', 'bearer a.b.c', 'Bearer ..', 'Digest x'],
  ...[
    'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.',
    `Bearer ${'a'.repeat(5_000)}`,
    'Bearer \xff\xfe',
    'Bearer a b',
  ],
  ...['Bearer eyJhbGciOiJIUzI1NiJ9.e30.AAAA', 'Bearer eyJhbGciOiJIUzI1NiJ9.bnVsbA.AAAA', 'Token x', 'Bearer %00'],
];

/** Mostly people who may do something. */
export const callerPlans: fc.Arbitrary<CallerPlan> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc
      .constantFrom<Role>('viewer', 'operator', 'admin', 'admin', ...Array<Role>(5).fill('super_admin'))
      .map((who) => ({ who, by: 'token' as const })),
  },
  { weight: 2, arbitrary: fc.constantFrom<Role>(...ROLES).map((who) => ({ who, by: 'cookies' as const })) },
  {
    weight: 1,
    arbitrary: fc
      .record({
        who: fc.constantFrom<Role>(...ROLES),
        origin: fc.constantFrom('https://evil.example', 'null', '', '::'),
      })
      .map(({ who, origin }) => ({ who, by: 'cookies' as const, origin })),
  },
  { weight: 1, arbitrary: fc.constant({ who: 'nobody' as const }) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(...BAD_AUTHORIZATIONS)
      .map((authorization) => ({ who: 'stranger' as const, authorization })),
  },
);
