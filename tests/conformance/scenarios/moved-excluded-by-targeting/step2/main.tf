resource "terraform_data" "c" {
  input = 2
}
resource "terraform_data" "b" {
  input = 2
}
moved {
  from = terraform_data.a
  to   = terraform_data.c
}
