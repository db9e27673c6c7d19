from itertools import chain, count

from django.db import migrations, models
from django.utils.text import slugify


def give_handles(apps, schema_editor):
    """Everyone who is here already gets the handle that their name makes."""
    User = apps.get_model("accounts", "User")
    taken = set()
    for user in User.objects.filter(is_system=False).order_by("pk"):
        wanted = slugify(user.name)[:32].strip("-_") or slugify(user.email.partition("@")[0])[:32].strip("-_") or "person"
        wanted = wanted.replace("_", "-")
        user.handle = next(
            each for each in chain([wanted], (f"{wanted}-{n}" for n in count(2))) if each not in taken
        )
        taken.add(user.handle)
        user.save(update_fields=["handle"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_browser_session")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="handle",
            field=models.CharField(
                blank=True,
                editable=False,
                help_text="By which others mention the person, as in @ana-souza.",
                max_length=40,
                verbose_name="handle",
            ),
        ),
        migrations.RunPython(give_handles, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(
                condition=~models.Q(handle=""), fields=("handle",), name="one_user_per_handle"
            ),
        ),
    ]
