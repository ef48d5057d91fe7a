module "c" {
  source = "./c"
  v = terraform_data.q.id
}
resource "terraform_data" "q" { input = module.c }
