import type { AnchorHTMLAttributes, ButtonHTMLAttributes, ComponentChildren } from 'preact';
import { Icon, type IconName } from './icon.tsx';

type Look = 'plain' | 'primary' | 'quiet' | 'danger' | 'danger-solid';

interface Common {
  readonly look?: Look;
  readonly icon?: IconName;
  readonly small?: boolean;
  readonly children?: ComponentChildren;
}

const classOf = ({ look = 'plain', small = false }: Common, isBare: boolean): string =>
  ['btn', look !== 'plain' && `btn--${look}`, small && 'btn--sm', isBare && 'btn--icon'].filter(Boolean).join(' ');

const Inside = ({ icon, children }: Common) => (
  <>
    {icon !== undefined && <Icon name={icon} small />}
    {children !== undefined && <span>{children}</span>}
  </>
);

type ButtonProps = Common &
  Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'icon' | 'label'> & {
    /** Says what a button without words does; shown as its tooltip. */
    readonly label?: string;
    /** Shows that what was asked for is under way, and takes no second click. It keeps the focus: `disabled` would not. */
    readonly busy?: boolean;
  };

const prevent = (event: Event): void => event.preventDefault();

/** A button. One that opens a dialog ends in "…". */
export const Button = ({ look, icon, small, children, label, busy = false, onClick, ...rest }: ButtonProps) => {
  const common = { ...(look && { look }), ...(icon && { icon }), ...(small && { small }) };
  return (
    <button
      type="button"
      {...rest}
      class={`${classOf(common, children === undefined)} ${rest.class ?? ''}`}
      onClick={busy ? prevent : onClick}
      {...(busy && { 'aria-disabled': true })}
      aria-busy={busy}
      {...(label !== undefined && { 'aria-label': label, title: label })}
    >
      <Inside {...common}>{children}</Inside>
    </button>
  );
};

type ButtonLinkProps = Common &
  Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'icon' | 'label' | 'role'> & { readonly href: string };

/** A link that looks like a button. */
export const ButtonLink = ({ look, icon, small, children, ...rest }: ButtonLinkProps) => {
  const common = { ...(look && { look }), ...(icon && { icon }), ...(small && { small }) };
  return (
    <a {...rest} class={classOf(common, children === undefined)}>
      <Inside {...common}>{children}</Inside>
    </a>
  );
};
