"""All URLs: the app's, signing in and out, and the admin for users and groups."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path

admin.site.site_header = admin.site.site_title = "Users and groups"
admin.site.index_title = ""

urlpatterns = [
    path("", include("clearing.urls")),
    path("login/", auth.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", login_not_required(auth.LogoutView.as_view()), name="logout"),
    path("admin/", admin.site.urls),
]
