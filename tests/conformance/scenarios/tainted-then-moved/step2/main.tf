resource "terraform_data" "c" {
  count = 1
  input = 1
}
resource "terraform_data" "b" {
  input = terraform_data.c[0].id
}
moved {
  from = terraform_data.a
  to   = terraform_data.c[0]
}
