resource "terraform_data" "b" { count = 1 }
resource "terraform_data" "c" {}
moved {
  from = terraform_data.a
  to   = terraform_data.b
}
moved {
  from = terraform_data.a[1]
  to   = terraform_data.c
}
