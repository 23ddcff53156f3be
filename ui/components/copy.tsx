import { useState } from 'preact/hooks';
import { text } from '../text/common.ts';
import { Button } from './button.tsx';

const SHOWN_MS = 1_500;

/** Puts a text on the clipboard; without the right to (plain HTTP on a network) the old way. */
export async function copyText(value: string): Promise<void> {
  if (navigator.clipboard !== undefined) return navigator.clipboard.writeText(value);
  const field = document.createElement('textarea');
  field.value = value;
  document.body.append(field);
  field.select();
  document.execCommand('copy');
  field.remove();
}

interface CopyButtonProps {
  readonly value: string;
  readonly label?: string;
  /** What it is called where there is no room for a label. */
  readonly name?: string;
}

/** Copies a text and says that it has. */
export const CopyButton = ({ value, label = text.copy, name }: CopyButtonProps) => {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await copyText(value);
    setCopied(true);
    setTimeout(() => setCopied(false), SHOWN_MS);
  };
  const icon = isCopied ? 'check' : 'copy';
  return name === undefined ? (
    <Button small look="quiet" icon={icon} onClick={copy}>
      {isCopied ? text.copied : label}
    </Button>
  ) : (
    <Button small look="quiet" icon={icon} label={isCopied ? text.copied : name} onClick={copy} />
  );
};
