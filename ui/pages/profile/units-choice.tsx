import { Segmented } from '../../components/tabs.tsx';
import { UNIT_SYSTEMS } from '../../format/units.ts';
import { chooseUnits, factory, me } from '../../state/session.ts';
import { toastError } from '../../state/toasts.ts';
import { text as common } from '../../text/common.ts';
import { text } from '../../text/profile.ts';

const AS_FACTORY = 'as_factory';
const CHOICES = [AS_FACTORY, ...UNIT_SYSTEMS] as const;

/** In which units one sees values; taken at once, like the theme. */
export const UnitsChoice = () => {
  const ofFactory = factory.value?.units;
  return (
    <div class="field">
      <span class="label">{text.units}</span>
      <Segmented
        label={text.units}
        choices={CHOICES.map((id) => [id, id === AS_FACTORY ? text.unitsOfFactory : common.units[id]])}
        current={me.value?.user.units ?? AS_FACTORY}
        onChoose={(id) => {
          chooseUnits(id === AS_FACTORY ? null : id).catch(toastError);
        }}
      />
      <span class="field__hint">
        {ofFactory !== undefined && `${text.factorySays(common.units[ofFactory].toLowerCase())} `}
        {text.unitsHint}
      </span>
    </div>
  );
};
