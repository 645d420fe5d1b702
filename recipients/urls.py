"""The pages of recipients."""

from django.urls import path

from recipients.pages import changes, outcomes, people, register, registers

urlpatterns = [
    path("people/", people.people, name="people"),
    path("people/register/", register.pregnancy, name="person-register"),
    path("people/<int:pk>/edit/", changes.edit, name="person-edit"),
    path("people/<int:pk>/number/", changes.number, name="person-number"),
    path("people/<int:pk>/death/", outcomes.death, name="person-death"),
    path("pregnancies/<int:pk>/dates/", changes.dates, name="person-redate"),
    path("pregnancies/<int:pk>/birth/", outcomes.birth, name="person-birth"),
    path("pregnancies/<int:pk>/loss/", outcomes.loss, name="person-loss"),
    path("pregnancies/<int:pk>/loss/undo/", outcomes.undo_loss, name="person-loss-undo"),
    path("children/register/", register.child, name="child-register"),
    path("children/<int:pk>/death/", outcomes.child_death, name="child-death"),
    path("caregivers/register/", register.caregiver, name="caregiver-register"),
    path("registers/", registers.register_import, name="register-import"),
    path("registers/refused/<uuid:token>/", registers.refused_rows, name="register-refused"),
]
